# What the operating system and the standard library say, word for word.

os-no-such-file = No such file or directory (os error 2)
os-permission-denied = Permission denied (os error 13)
os-connection-refused = Connection refused (os error 111)
os-timed-out = Connection timed out (os error 110)
os-no-route = No route to host (os error 113)
os-network-unreachable = Network is unreachable (os error 101)
os-connection-reset = Connection reset by peer (os error 104)
os-unknown-host = failed to lookup address information: Name or service not known
os-no-resolution = failed to lookup address information: Temporary failure in name resolution
os-no-space = No space left on device (os error 28)
os-is-a-directory = Is a directory (os error 21)
os-not-a-directory = Not a directory (os error 20)
kind-connection-refused = connection refused
kind-host-unreachable = host unreachable
kind-timed-out = timed out
kind-connection-reset = connection reset
integer-invalid-digit = invalid digit found in string
integer-empty = cannot parse integer from empty string
integer-too-large = number too large to fit in target type
float-invalid = invalid float literal
