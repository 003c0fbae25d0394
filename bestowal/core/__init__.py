"""What everything stands on: errors, files, the version of what is stored."""
