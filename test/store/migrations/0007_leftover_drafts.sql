update reviews set drafts_swept = true;
