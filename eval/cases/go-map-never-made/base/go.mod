module example.test/search

go 1.24
