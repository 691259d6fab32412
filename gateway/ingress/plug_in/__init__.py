"""The plug-in door: the national portal's own client protocol, served to portals that speak nothing else.

A portal that syncs to the national portal changes one address. What it says becomes events like everybody's; what it is
answered is in the protocol's words.
"""
