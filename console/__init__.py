"""The roof: the `wirewatch` command, which may look at everything and writes only commands.

`commands/` has a module for each thing that is typed: its options, and how its answer is shown.  What they call:

checkup/   how everything stands, and what is wrong
demo/      one run of the invented news day
explain/   why an article is in its story, why an alert came
feeds/     list, try and add feeds; OPML
index/     the read model of all topics
page/      the live page and its API
services/  a stage as a process, and the supervisor of all
topics/    the records and shapes of topics

What stands beside them serves several, or is one idea: `orders` are what the console writes.
"""
