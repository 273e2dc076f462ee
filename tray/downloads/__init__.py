"""Downloads of models: a pure state, the child that does the work, and one at a time of them."""
