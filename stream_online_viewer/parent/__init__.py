"""The process that binds the port and owns all others, where there are several web processes. It serves nothing."""
