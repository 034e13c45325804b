"""From a table of flows to an economy ready for a plan: begin with `economy.to_economy`."""
