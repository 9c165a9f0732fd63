module my_part

go 1.21
