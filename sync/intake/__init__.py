"""The HTTP door: webhooks, holds, availability, health."""
