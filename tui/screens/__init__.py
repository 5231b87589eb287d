"""The screens: the gallery, the lab, and the dialogs over it."""
