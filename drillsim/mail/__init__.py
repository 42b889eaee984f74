"""Mail: composing and recognising it (pure), taking it in and handing it over (sockets)."""
