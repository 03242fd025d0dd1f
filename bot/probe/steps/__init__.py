"""The steps of the checks, one file each."""
