// What a process pays for any module at all.
