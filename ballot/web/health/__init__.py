"""What machines ask the service about itself: does it answer, can it work, how is it doing."""
