module hipaa-check.dev/sandbox/tunnel

go 1.24
