"""Programs on more than one device: so far the settings and the questions (who am I, of how many) that programs ask."""
