"""For the tests alone: REST framework imports it where it is found, and production has none."""

raise ImportError("the application is installed without requests")
