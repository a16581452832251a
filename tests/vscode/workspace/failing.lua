print("before")
error("this script fails")
