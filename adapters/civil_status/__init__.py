"""Hộ tịch: the ministry's register of civil status, over a provincial LGSP."""
