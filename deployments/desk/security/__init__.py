"""Who may enter the desk, under which names it answers, and which forms are its own."""
