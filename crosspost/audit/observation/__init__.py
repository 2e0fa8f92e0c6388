"""What can be said of things nobody randomised: changes, interruptions, audiences, fading (A8, A10–A12)."""
