"""stagecheck: does staging work, and if not, why?"""

__version__ = "0.1.0"
