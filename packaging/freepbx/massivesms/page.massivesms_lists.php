<?php
echo FreePBX::create()->Massivesms->showPage('lists');
