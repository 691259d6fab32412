"""The other side of the plug-in door: a portal that syncs as portals do today, by its own timer."""
