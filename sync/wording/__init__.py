"""The sentences people read, on the screens, in commands and in alerts alike. Pure: what comes in is said, nothing is read.

Every sentence is one a hairdresser would say. Times are told in the salon's zone.
"""
