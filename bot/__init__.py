"""stagecheck: does staging work, and if not, why?"""
