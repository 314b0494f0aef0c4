cannot-serve = cannot serve the console on { $address }: { $error }; change [console] listen
cannot-serve-by-tls = cannot serve the console by TLS: { $problem }; correct console.cert_file and console.key_file
