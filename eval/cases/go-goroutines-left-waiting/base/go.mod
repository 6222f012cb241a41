module example.test/gate

go 1.24
