update reviews set check_due = false, check_error = 'The repository is archived.';
