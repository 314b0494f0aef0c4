cannot-serve = 控制台无法在 { $address } 上服务：{ $error }；请修改 [console] listen
cannot-serve-by-tls = 控制台不能启用 TLS：{ $problem }；请改正 console.cert_file 和 console.key_file
