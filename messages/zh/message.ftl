# 操作系统和标准库的提示。

os-no-such-file = 没有这个文件或目录
os-permission-denied = 没有权限
os-connection-refused = 连接被拒绝
os-timed-out = 连接超时
os-no-route = 到主机没有路由
os-network-unreachable = 网络不可达
os-connection-reset = 连接被对方中断
os-unknown-host = 查不到这个主机名
os-no-resolution = 暂时无法解析主机名
os-no-space = 磁盘已满
os-is-a-directory = 这是目录，不是文件
os-not-a-directory = 路径中有一段不是目录
kind-connection-refused = 连接被拒绝
kind-host-unreachable = 主机不可达
kind-timed-out = 超时
kind-connection-reset = 连接中断
integer-invalid-digit = 不是整数
integer-empty = 是空的，应为整数
integer-too-large = 数字太大
float-invalid = 不是数字
