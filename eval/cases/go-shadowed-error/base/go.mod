module example.test/agent

go 1.24
