"""What would follow if: a model of many regions, its observed core calibrated, its theory marked as assumed."""
