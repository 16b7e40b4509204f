"""What the camera simulator can send beyond the facility's beam picture, and how it is sent on time."""
