"""A child process that does our bidding: started fresh, watched, ended; used by both children.

Why not `multiprocessing`: its spawn method starts a resource tracker beside every program (a
process whose memory nobody asked for), imports the parent's main module in the child, and
unpickles whatever a child sends. A child that parses hostile documents must not be able to make
us run code, so frames here are JSON and raw bytes only.

A frame is two lengths, a JSON object and raw bytes. The channel between parent and child is a
socket pair: it has time limits on every system, and its end-of-file tells the child that the
parent is gone however it went. A second, one-way socket carries the child's memory readings four
times a second, also while the child is busy.
"""
