"""What the dashboard needs beside the public APIs: cookies, set-up, share links, live streams, the drop ledger."""
