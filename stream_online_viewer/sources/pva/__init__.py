"""Images of EPICS areaDetector: NTNDArray over PV Access."""
