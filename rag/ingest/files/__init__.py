"""Files: opening and unlocking them, what they say of themselves, what else they are; pages as images."""
