"""Events: facts about pathways, their vocabulary, their order, and the time they happen in."""
