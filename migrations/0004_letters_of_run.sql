-- A letter leaves the desk when its step is done again, and with its run.
CREATE INDEX dead_letters_of_run ON dead_letters (tenant, run_id, at);
