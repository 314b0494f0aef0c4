report-panicked = 编制报告时程序异常中止；详情见日志
