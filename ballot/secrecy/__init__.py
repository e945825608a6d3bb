"""The secrecy meter: what the totals of a result would tell about single votes. Counts in, exact figures out."""
