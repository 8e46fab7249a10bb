"""Who is told what, and how it reaches them: digests, delivery, webhooks."""
