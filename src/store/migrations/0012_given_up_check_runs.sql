-- Check runs that were given up: looked for when a repository is seen again, and counted.
create index reviews_check_given_up on reviews (repository_id) where not check_due and check_error is not null;
