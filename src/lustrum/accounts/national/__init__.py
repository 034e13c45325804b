"""Published tables as they are published: flows by product, activity and final use, before they are an economy."""
