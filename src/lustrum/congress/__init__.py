"""The congress: how a plan is reviewed, amended, adopted and entrusted. Short: it imports nothing, to be quick."""
