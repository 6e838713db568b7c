"""The commands of ``symloss``, a module each; what they need is imported when they run, so that help is quick."""
