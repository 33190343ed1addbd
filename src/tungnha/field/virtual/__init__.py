"""A virtual team: volunteers who walk, knock, lose the network, crash, and send what they saved, as real phones do."""
