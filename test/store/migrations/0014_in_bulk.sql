update reviews set in_bulk = true;
