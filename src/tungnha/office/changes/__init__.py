"""The pages on which units are merged, split and renamed, and on which it is decided what cannot follow by the rule."""
