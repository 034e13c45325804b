"""The congress: how a plan is reviewed, amended, adopted and entrusted, with every step on record."""
