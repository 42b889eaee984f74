"""The same drill, ten thousand times: rehearsals computed as arrays over runs, without any mail."""
