"""Not UTF-8, and no coding cookie: éÿ."""
print("never")
